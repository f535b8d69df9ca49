import GibbsNumerics

/// One attempt to log in, as the company's identity provider writes it down.
public struct LoginEvent: Sendable, Hashable {
    /// How an attempt ended.
    public enum Outcome: String, CaseIterable, Codable, Sendable {
        /// The password was right, and so was the second factor where one is asked for.
        case success
        /// The user exists, the password was another one.
        case wrongPassword = "wrong-password"
        /// There is no such user.
        case unknownUser = "unknown-user"
        /// Refused unseen: five failures in a row lock an account for a quarter of an hour.
        case locked
        /// The password was right, the second factor was not.
        case mfaFailed = "mfa-failed"
    }

    /// What the client says that it is: a coarse family of user agents.
    public enum Device: String, CaseIterable, Codable, Sendable {
        /// Browsers of Windows.
        case chromeWindows = "chrome-windows", edgeWindows = "edge-windows", firefoxWindows = "firefox-windows"
        /// Browsers of other desks.
        case chromeMac = "chrome-mac", safariMac = "safari-mac", firefoxLinux = "firefox-linux"
        /// Browsers of phones and tablets.
        case chromeAndroid = "chrome-android", safariIOS = "safari-ios", safariIPad = "safari-ipad"
        /// Mail clients.
        case outlookWindows = "outlook-windows", outlookMobile = "outlook-mobile", appleMail = "apple-mail"
        /// Libraries that programs and apps log in with.
        case okhttp, curl, pythonRequests = "python-requests", goHTTP = "go-http-client", java = "java-http", powershell
    }

    /// An attack on logins.
    public enum Attack: String, CaseIterable, Codable, Sendable {
        /// Credential stuffing: leaked pairs of user and password, each tried once or twice.
        case stuffing
        /// Password spraying: one or two common passwords, tried on many users.
        case spraying
        /// Slow brute force: about one password an hour on one user.
        case slow
    }

    /// The `label` of an event that belongs to no attack.
    public static let normalLabel = "normal"

    /// Milliseconds since 1970, UTC.
    public var time: Int
    /// The name that was typed, which need not exist.
    public var user: String
    /// The IPv4 address, its first byte on top; all lie in 240.0.0.0/4, which belongs to nobody.
    public var address: UInt32
    /// The country of the address, two letters.
    public var country: String
    /// What the client says that it is.
    public var device: Device
    /// How it ended.
    public var outcome: Outcome
    /// The attack it belongs to, or nil.
    public var attack: Attack?
    /// The campaign it belongs to, such as `stuffing-3`; nil exactly where `attack` is.
    public var campaign: String?

    /// `normal`, or the name of the attack.
    public var label: String { attack?.rawValue ?? Self.normalLabel }

    /// The address with dots.
    public var addressText: String { "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)" }

    /// The time as ISO 8601 to the millisecond, such as `2026-03-02T08:14:05.230Z`.
    public var timeText: String {
        let fraction = time % 1000, digits = String(fraction)
        return isoText(second: time / 1000).dropLast() + "." + String(repeating: "0", count: 3 - digits.count) + digits + "Z"
    }
}
