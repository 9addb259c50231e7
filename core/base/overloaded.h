#pragma once

namespace lacuna {

/// Lambdas as one visitor of a std::variant.
template <class... Ts> struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts> Overloaded(Ts...) -> Overloaded<Ts...>;

} // namespace lacuna
