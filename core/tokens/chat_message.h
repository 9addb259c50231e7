#pragma once

#include <string>
#include <vector>

namespace lacuna {

/// One turn of a conversation.
struct ChatMessage {
    std::string role; ///< "system", "user", "assistant"
    std::string content;

    bool operator==(const ChatMessage&) const = default;
};

using ChatMessages = std::vector<ChatMessage>;

} // namespace lacuna
