<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
<context>
    <name>StressWords</name>
    <message numerus="yes">
        <source>%n attack(s) by which any model gains can be judged only beside a reference, and there is none.</source>
        <translation>
            <numerusform>%n attack by which any model gains can be judged only beside a reference, and there is none.</numerusform>
            <numerusform>%n attacks by which any model gains can be judged only beside a reference, and there is none.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n attack(s) had nothing to work on; the table says why.</source>
        <translation>
            <numerusform>%n attack had nothing to work on; the table says why.</numerusform>
            <numerusform>%n attacks had nothing to work on; the table says why.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::AlternatesPicker</name>
    <message numerus="yes">
        <source>answers to %Ln questions</source>
        <translation>
            <numerusform>answers to %Ln question</numerusform>
            <numerusform>answers to %Ln questions</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln sentences that fit every question</source>
        <translation>
            <numerusform>%Ln sentence that fits every question</numerusform>
            <numerusform>%Ln sentences that fit every question</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::AnswerDiff</name>
    <message numerus="yes">
        <source>%n words in both</source>
        <translation>
            <numerusform>%n word in both</numerusform>
            <numerusform>%n words in both</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n characters in both</source>
        <translation>
            <numerusform>%n character in both</numerusform>
            <numerusform>%n characters in both</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n words only here</source>
        <translation>
            <numerusform>%n word only here</numerusform>
            <numerusform>%n words only here</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n characters only here</source>
        <translation>
            <numerusform>%n character only here</numerusform>
            <numerusform>%n characters only here</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::AnswerRowsView</name>
    <message numerus="yes">
        <source>leaves it after %n words</source>
        <translation>
            <numerusform>leaves it after %n word</numerusform>
            <numerusform>leaves it after %n words</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::CompareRuns</name>
    <message numerus="yes">
        <source>%n runs</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::CorpusPreviewView</name>
    <message numerus="yes">
        <source>%Ln tokens, %1 of them scored</source>
        <translation>
            <numerusform>%Ln token, %1 of them scored</numerusform>
            <numerusform>%Ln tokens, %1 of them scored</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln samples</source>
        <translation>
            <numerusform>%Ln sample</numerusform>
            <numerusform>%Ln samples</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln cut at %1 tokens</source>
        <translation>
            <numerusform>%Ln cut at %1 tokens</numerusform>
            <numerusform>%Ln cut at %1 tokens</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln errors</source>
        <translation>
            <numerusform>%Ln error</numerusform>
            <numerusform>%Ln errors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln warnings</source>
        <translation>
            <numerusform>%Ln warning</numerusform>
            <numerusform>%Ln warnings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln preference pairs, whose rejected answers are forgotten</source>
        <translation>
            <numerusform>%Ln preference pair, whose rejected answer is forgotten</numerusform>
            <numerusform>%Ln preference pairs, whose rejected answers are forgotten</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::DataCard</name>
    <message numerus="yes">
        <source>%Ln samples</source>
        <translation>
            <numerusform>%Ln sample</numerusform>
            <numerusform>%Ln samples</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln warnings</source>
        <translation>
            <numerusform>%Ln warning</numerusform>
            <numerusform>%Ln warnings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Use the %Ln valid rows</source>
        <translation>
            <numerusform>Use the %Ln valid row</numerusform>
            <numerusform>Use the %Ln valid rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>rows with %Ln errors left out</source>
        <translation>
            <numerusform>rows with %Ln error left out</numerusform>
            <numerusform>rows with %Ln errors left out</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::FactsView</name>
    <message numerus="yes">
        <source>on %1 in %2, %n threads</source>
        <translation>
            <numerusform>on %1 in %2, %n thread</numerusform>
            <numerusform>on %1 in %2, %n threads</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::HistoryPage</name>
    <message numerus="yes">
        <source>The records of %n runs go: their curves, metrics, answers and notes.</source>
        <translation>
            <numerusform>The record of %n run goes: its curves, metrics, answers and notes.</numerusform>
            <numerusform>The records of %n runs go: their curves, metrics, answers and notes.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>So do %n folders with unlearned models and their checkpoints.</source>
        <translation>
            <numerusform>So does %n folder with an unlearned model and its checkpoints.</numerusform>
            <numerusform>So do %n folders with unlearned models and their checkpoints.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Delete %n runs?</source>
        <translation>
            <numerusform>Delete %n run?</numerusform>
            <numerusform>Delete %n runs?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::LiveChart</name>
    <message numerus="yes">
        <source>%n values are not finite numbers: triangles at the edge.</source>
        <translation>
            <numerusform>%n value is not a finite number: a triangle at the edge.</numerusform>
            <numerusform>%n values are not finite numbers: triangles at the edge.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n points at or below zero have no place on a logarithmic axis.</source>
        <translation>
            <numerusform>%n point at or below zero has no place on a logarithmic axis.</numerusform>
            <numerusform>%n points at or below zero have no place on a logarithmic axis.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::MessageBar</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::MessageItem</name>
    <message numerus="yes">
        <source>%n times</source>
        <translation>
            <numerusform>%n time</numerusform>
            <numerusform>%n times</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::MetricDeltasModel</name>
    <message numerus="yes">
        <source>%1, %n samples</source>
        <translation>
            <numerusform>%1, %n sample</numerusform>
            <numerusform>%1, %n samples</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ModelCard</name>
    <message numerus="yes">
        <source>It cannot be loaded: %n problems.</source>
        <translation>
            <numerusform>It cannot be loaded: %n problem.</numerusform>
            <numerusform>It cannot be loaded: %n problems.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::PlanCard</name>
    <message numerus="yes">
        <source>%Ln steps</source>
        <translation>
            <numerusform>%Ln step</numerusform>
            <numerusform>%Ln steps</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more warnings</source>
        <translation>
            <numerusform>%Ln more warning</numerusform>
            <numerusform>%Ln more warnings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The first of %n runs: %1</source>
        <translation>
            <numerusform>The only run: %1</numerusform>
            <numerusform>The first of %n runs: %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ProbeColumn</name>
    <message numerus="yes">
        <source>%n tokens</source>
        <translation>
            <numerusform>%n token</numerusform>
            <numerusform>%n tokens</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::RunTable</name>
    <message numerus="yes">
        <source>%1 of %n runs</source>
        <translation>
            <numerusform>%1 of %n run</numerusform>
            <numerusform>%1 of %n runs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n runs</source>
        <translation>
            <numerusform>%n run</numerusform>
            <numerusform>%n runs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::SaliencyPanel</name>
    <message numerus="yes">
        <source>Suggested: %1. These matter to the forget set %2 times as much as to the retain set; all blocks together %3 times. They hold %4 of what matters to the forget set in the blocks, and %5 of the blocks&apos; weights. Measured on %Ln samples of each set.</source>
        <translation>
            <numerusform>Suggested: %1. These matter to the forget set %2 times as much as to the retain set; all blocks together %3 times. They hold %4 of what matters to the forget set in the blocks, and %5 of the blocks&apos; weights. Measured on %Ln sample of each set.</numerusform>
            <numerusform>Suggested: %1. These matter to the forget set %2 times as much as to the retain set; all blocks together %3 times. They hold %4 of what matters to the forget set in the blocks, and %5 of the blocks&apos; weights. Measured on %Ln samples of each set.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::SamplesView</name>
    <message numerus="yes">
        <source>%n samples</source>
        <translation>
            <numerusform>%n sample</numerusform>
            <numerusform>%n samples</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ScatterCanvas</name>
    <message numerus="yes">
        <source>%n points</source>
        <translation>
            <numerusform>%n point</numerusform>
            <numerusform>%n points</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::SettingsView</name>
    <message numerus="yes">
        <source>Show %n left out</source>
        <translation>
            <numerusform>Show %n left out</numerusform>
            <numerusform>Show %n left out</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::StressPage</name>
    <message numerus="yes">
        <source>%n attack(s)</source>
        <translation>
            <numerusform>%n attack</numerusform>
            <numerusform>%n attacks</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n model(s)</source>
        <translation>
            <numerusform>%n model</numerusform>
            <numerusform>%n models</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::SweepSection</name>
    <message numerus="yes">
        <source>%n requests, one after another: each starts from the model that the one before has left, and every earlier target is measured again.</source>
        <translation>
            <numerusform>%n request</numerusform>
            <numerusform>%n requests, one after another: each starts from the model that the one before has left, and every earlier target is measured again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n runs, one after another, which the history keeps as one group. Pressing Start again does what is missing.</source>
        <translation>
            <numerusform>%n run, which the history keeps as a group</numerusform>
            <numerusform>%n runs, one after another, which the history keeps as one group. Pressing Start again does what is missing.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>lacuna::ValueText</name>
    <message numerus="yes">
        <source>%n minutes ago</source>
        <translation>
            <numerusform>%n minute ago</numerusform>
            <numerusform>%n minutes ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n hours ago</source>
        <translation>
            <numerusform>%n hour ago</numerusform>
            <numerusform>%n hours ago</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n days ago</source>
        <translation>
            <numerusform>%n day ago</numerusform>
            <numerusform>%n days ago</numerusform>
        </translation>
    </message>
</context>
</TS>
