#pragma once

#include "core/probe/answer.h"

#include <QWidget>

#include <optional>

class QLabel;
class QTableWidget;

namespace lacuna {

/// One token of an answer and what the model might have said instead, likeliest first.
class TokenDetails : public QWidget {
    Q_OBJECT

public:
    explicit TokenDetails(QWidget* parent = nullptr);

    /// \param index  place in the answer, from 0
    /// \param delta  logP(unlearned) - logP(original), where it is known
    void showToken(int index, const ProbeAnswer::Token& token, std::optional<float> delta);
    void showNothing();
    /// Says that the answer has no token at \p index.
    void showMissing(int index);
    /// One line: "Token 5, “the”: 93.1 %, log-probability -0.071".
    [[nodiscard]] QString sentence() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Shown {
        int index = 0;
        ProbeAnswer::Token token;
        std::optional<float> delta;
    };

    void retranslate();
    void fillTable(const ProbeAnswer::Token& token);

    QLabel* m_title;
    QTableWidget* m_table;
    std::optional<Shown> m_shown;
    std::optional<int> m_missing;
};

} // namespace lacuna
