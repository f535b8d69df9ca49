import Logging

/// Says nothing.
enum GibbsTestLogger { static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
