import Foundation
import Gibbs
import GibbsVerify

extension ModelExamination {
    /// What there is to say of a watchdog on sessions.
    func examineSessions(_ watchdog: EventWatchdog) throws -> [Finding] {
        try input.checkForSessions()
        let sessions = try data.map { try LabelledSessions($0, label: labels.label).normal(by: labels) }
        if let sessions, sessions.sessions.count < 2 {
            throw GibbsError(.unsuitableData, "\(sessions.sessions.count) session to examine a model on", at: .init(file: data), advice: "give at least 2, better some hundred")
        }
        Console.progress("examining \(path)")
        return try GibbsError.naming(data ?? path) { try EventExamination(of: watchdog, sessions: sessions, key: key).findings() }
    }
}
