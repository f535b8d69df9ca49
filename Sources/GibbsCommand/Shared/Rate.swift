import ArgumentParser
import Foundation

/// A share as a person writes it: 0.01, or 1%.
struct Rate: ExpressibleByArgument {
    let share: Double

    init?(argument: String) {
        guard argument.hasSuffix("%") else {
            guard let share = Double(argument) else { return nil }
            self.share = share
            return
        }
        let number = argument.dropLast().trimmingCharacters(in: .whitespaces)
        // As decimal text, because a division by a hundred may round: 0.1 % is 0.001 and not something beside it.
        guard let share = Double(number + "e-2") ?? Double(number).map({ $0 / 100 }) else { return nil }
        self.share = share
    }
}
