# Checks who includes whom: core has no Qt; the plain half of core, widgets and app have no torch;
# nothing in core includes app or widgets, nothing in widgets includes app; and the rooms of core
# point one way.
#
# Run: cmake -D ROOT=<source folder> -P tests/layers.cmake

set(violations "")

function(forbid folder pattern reason)
    file(GLOB_RECURSE files ${ROOT}/${folder}/*.h ${ROOT}/${folder}/*.cpp)
    foreach(file IN LISTS files)
        file(STRINGS ${file} lines REGEX "^#include")
        foreach(line IN LISTS lines)
            if(line MATCHES "${pattern}")
                list(APPEND violations "${file}: ${line} (${reason})")
            endif()
        endforeach()
    endforeach()
    set(violations "${violations}" PARENT_SCOPE)
endfunction()

set(torch "<(torch|ATen|c10)/")
set(qt "[<\"](Q[A-Za-z]|qcustomplot)")

forbid(core "${qt}" "core has no Qt")
forbid(core "\"(app|widgets)/" "core knows neither app nor widgets")
forbid(widgets "\"app/" "widgets know nothing of the application")
foreach(folder widgets app core/base core/store core/tokens core/corpora core/exchange core/report)
    forbid(${folder} "${torch}" "no torch here")
endforeach()

# Inside core: base <- store; base <- tokens, models, corpora <- methods, controls, guardrails <-
# metrics, probe <- attacks <- run; tokens, models <- exchange; store, metrics <- report.
forbid(core/base "\"core/(store|tokens|models|corpora|exchange|methods|controls|guardrails|metrics|probe|attacks|run|report)/" "base stands below")
forbid(core/store "\"core/(tokens|models|corpora|exchange|methods|controls|guardrails|metrics|probe|attacks|run|report)/" "store knows base only")
foreach(folder tokens models corpora)
    forbid(core/${folder} "\"core/(store|exchange|methods|controls|guardrails|metrics|probe|attacks|run|report)/" "${folder} stand below")
endforeach()
forbid(core/exchange "\"core/(store|corpora|methods|controls|guardrails|metrics|probe|attacks|run|report)/" "exchange knows files only")
foreach(folder methods controls guardrails metrics probe)
    forbid(core/${folder} "\"core/(store|attacks|run|report)/" "${folder} stand below run")
endforeach()
forbid(core/run "\"core/report/" "reports stand on top")
forbid(core/report "\"core/(tokens|models|corpora|exchange|controls|guardrails|probe|attacks)/" "reports know the record, what metrics and methods say of themselves")
forbid(core/attacks "\"core/(store|exchange|run)/" "attacks stand below run")
forbid(core/guardrails "\"core/(methods|controls|metrics|probe)/" "guardrails stand below what asks models")

if(violations)
    list(JOIN violations "\n  " text)
    message(FATAL_ERROR "Includes that cross the layers:\n  ${text}")
endif()
message(STATUS "The layers hold.")
