/// What a connection is for, as the sensor names it.
enum Service: Int, CaseIterable {
    case https, http, dns, smtp, imap, ssh, smb, database, ldap, backup, ntp, snmp, ping, sip, vpn, print, other

    var name: String { Self.names[rawValue] }
    private static let names = allCases.map { String(describing: $0) }
}

/// Who talks to whom, and how often among the connections of a service.
struct Route {
    var from: Company.Group
    var to: Company.Group
    var weight: Double

    init(_ from: Company.Group, _ to: Company.Group, _ weight: Double = 1) {
        self.from = from
        self.to = to
        self.weight = weight
    }
}

/// The habits of one service. Sizes are log-normal in bytes: median and spread of the logarithm.
struct ServiceProfile {
    var transport = ConnectionRecord.Transport.tcp
    var port: Int?
    var routes: [Route]
    /// Relative frequency among what people and what machines start.
    var people: Double
    var machines: Double
    var out: (median: Double, spread: Double)
    var back: (median: Double, spread: Double)
    /// Correlation of the two logarithms.
    var coupling = 0.5
    /// Probability that one direction is multiplied by a Pareto variable (index 1.1): a download, or an upload.
    var downloads = 0.0
    var uploads = 0.0
    /// Seconds of duration besides the transfer, median.
    var pause: Double
    /// Bytes per second of the transfer, median.
    var speed: Double
    /// Share of the connections that is encrypted.
    var encrypted: Double
    /// Probability that a login goes wrong at first, by mistake; nil where nobody logs in.
    var mistakes: Double?
}

extension Service {
    /// The table of `docs/simulator.md`.
    var profile: ServiceProfile {
        switch self {
        case .https: .https
        case .http: .http
        case .dns: .dns
        case .smtp: .smtp
        case .imap: .imap
        case .ssh: .ssh
        case .smb: .smb
        case .database: .database
        case .ldap: .ldap
        case .vpn: .vpn
        case .backup: .backup
        case .ntp: .ntp
        case .snmp: .snmp
        case .ping: .ping
        case .sip: .sip
        case .print: .print
        case .other: .other
        }
    }
}

// MARK: - Web, names and mail: what leaves and enters the house all day.

extension ServiceProfile {
    static var https: Self {
        .init(port: 443, routes: [Route(.office, .outside, 66), Route(.developer, .outside, 26),
                                  Route(.outside, .dmz, 8)],
              people: 40, machines: 14, out: (1900, 0.8), back: (14_000, 1.4), coupling: 0.6, downloads: 0.03, uploads: 0.012,
              pause: 2.5, speed: 900_000, encrypted: 1)
    }

    static var http: Self {
        .init(port: 80, routes: [Route(.office, .outside, 6), Route(.server, .outside, 1),
                                 Route(.outside, .dmz, 3)],
              people: 5, machines: 5, out: (600, 0.6), back: (6000, 1.5), coupling: 0.4, downloads: 0.04,
              pause: 0.6, speed: 800_000, encrypted: 0)
    }

    static var dns: Self {
        .init(transport: .udp, port: 53, routes: [Route(.office, .server, 55),
                                                  Route(.developer, .server, 20), Route(.dmz, .outside, 25)],
              people: 22, machines: 24, out: (62, 0.22), back: (150, 0.55), coupling: 0.5,
              pause: 0.02, speed: 1e6, encrypted: 0)
    }

    static var smtp: Self {
        .init(port: 25, routes: [Route(.outside, .dmz, 6), Route(.dmz, .outside, 3)],
              people: 3, machines: 6, out: (9000, 1.6), back: (900, 0.3), coupling: 0.2, uploads: 0.04,
              pause: 1.2, speed: 300_000, encrypted: 0.9)
    }

    static var imap: Self {
        .init(port: 993, routes: [Route(.office, .dmz, 3), Route(.developer, .dmz, 1)],
              people: 6, machines: 2, out: (1500, 0.5), back: (9000, 1.5), coupling: 0.6, downloads: 0.03,
              pause: 20, speed: 2e6, encrypted: 1, mistakes: 0.006)
    }
}

// MARK: - What is logged in to.

extension ServiceProfile {
    static var ssh: Self {
        .init(port: 22, routes: [Route(.developer, .server, 5), Route(.developer, .dmz, 2),
                                 Route(.outside, .dmz, 1), Route(.developer, .outside, 2)],
              people: 2.5, machines: 1, out: (5200, 1.2), back: (11_000, 1.5), coupling: 0.75, downloads: 0.03, uploads: 0.03,
              pause: 120, speed: 3e6, encrypted: 1, mistakes: 0.06)
    }

    static var smb: Self {
        .init(port: 445, routes: [Route(.office, .server, 8), Route(.developer, .server, 1)],
              people: 8, machines: 1, out: (7000, 1.7), back: (22_000, 2.1), coupling: 0.3, downloads: 0.02, uploads: 0.02,
              pause: 8, speed: 2e7, encrypted: 0.7, mistakes: 0.02)
    }

    static var database: Self {
        .init(port: 5432, routes: [Route(.dmz, .server, 6), Route(.developer, .server, 2)],
              people: 4, machines: 6, out: (2400, 0.9), back: (16_000, 1.8), coupling: 0.7, downloads: 0.01,
              pause: 0.3, speed: 2e7, encrypted: 0.85, mistakes: 0.004)
    }

    static var ldap: Self {
        .init(port: 636, routes: [Route(.office, .server, 5), Route(.developer, .server, 2),
                                  Route(.dmz, .server, 1)],
              people: 4, machines: 2, out: (1100, 0.25), back: (2600, 0.4), coupling: 0.7,
              pause: 0.05, speed: 1e7, encrypted: 1, mistakes: 0.03)
    }

    static var vpn: Self {
        .init(transport: .udp, port: 1194, routes: [Route(.outside, .dmz, 1)],
              people: 1.2, machines: 0, out: (2.5e6, 1.4), back: (1.1e7, 1.5), coupling: 0.8,
              pause: 900, speed: 40_000, encrypted: 1, mistakes: 0.08)
    }

    static var backup: Self {
        .init(port: 873, routes: [Route(.server, .server, 5), Route(.server, .outside, 3),
                                  Route(.office, .server, 1)],
              people: 0.05, machines: 0.3, out: (3e7, 1.5), back: (60_000, 0.9), coupling: 0.9, uploads: 0.05,
              pause: 4, speed: 1.2e7, encrypted: 1, mistakes: 0.002)
    }
}

// MARK: - What machines, telephones and printers do, and the rest.

extension ServiceProfile {
    static var ntp: Self {
        .init(transport: .udp, port: 123, routes: [Route(.server, .outside, 1), Route(.office, .server, 2)],
              people: 0.5, machines: 9, out: (76, 0.02), back: (76, 0.02),
              pause: 0.015, speed: 1e6, encrypted: 0)
    }

    static var snmp: Self {
        .init(transport: .udp, port: 161, routes: [Route(.monitor, .server, 2), Route(.monitor, .dmz, 1)],
              people: 0, machines: 8, out: (90, 0.15), back: (260, 0.4), coupling: 0.7,
              pause: 0.01, speed: 1e6, encrypted: 0.3)
    }

    static var ping: Self {
        .init(transport: .icmp, port: nil, routes: [Route(.monitor, .server, 4),
                                                    Route(.monitor, .dmz, 2), Route(.developer, .outside, 1)],
              people: 0.3, machines: 9, out: (84, 0.05), back: (84, 0.05), coupling: 0.98,
              pause: 0.004, speed: 1e6, encrypted: 0)
    }

    static var sip: Self {
        .init(transport: .udp, port: 5060, routes: [Route(.office, .outside, 3), Route(.office, .dmz, 1)],
              people: 2.5, machines: 0, out: (900_000, 1.3), back: (900_000, 1.3), coupling: 0.97,
              pause: 1, speed: 16_000, encrypted: 0.5)
    }

    static var print: Self {
        .init(port: 9100, routes: [Route(.office, .server, 1)],
              people: 1, machines: 0, out: (260_000, 1.3), back: (300, 0.3), coupling: 0.1,
              pause: 5, speed: 400_000, encrypted: 0)
    }

    static var other: Self {
        .init(port: nil, routes: [Route(.monitor, .server, 2), Route(.developer, .server, 2),
                                  Route(.office, .outside, 2), Route(.developer, .outside, 2)],
              people: 1.2, machines: 3, out: (1200, 1.6), back: (3000, 1.9), coupling: 0.6, uploads: 0.01,
              pause: 1.5, speed: 1e6, encrypted: 0.55)
    }
}
