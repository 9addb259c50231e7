#pragma once

namespace lacuna {

class Actions;
class Background;
class History;
class MessageBar;
class ProbeService;
class Prompts;
class RunController;
class Settings;
class Workspace;

/// What a page may use. Owned by Application and MainWindow; outlives every page.
struct Services {
    Actions& actions;
    Background& background;
    History& history;
    MessageBar& messages;
    ProbeService& probes;
    Prompts& prompts;
    RunController& run;
    Settings& settings;
    Workspace& workspace;
};

} // namespace lacuna
