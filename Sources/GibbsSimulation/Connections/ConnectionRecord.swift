/// One connection before it becomes a row; whole numbers stand for names until the columns are written.
struct ConnectionRecord {
    enum Transport: String, CaseIterable { case tcp, udp, icmp }

    /// How a connection ended, in Zeek's words.
    enum State: String, CaseIterable {
        /// Established and closed in order.
        case complete = "SF"
        /// An attempt without an answer.
        case unanswered = "S0"
        /// Refused by the other side.
        case refused = "REJ"
        /// Cut off by the source, or by the destination.
        case resetBySource = "RSTO", resetByDestination = "RSTR"
        /// Still open when the sensor wrote the record.
        case open = "S1"
    }

    enum Zone: String, CaseIterable { case `internal`, dmz, external }

    /// What a web client says that it is.
    enum Agent: String, CaseIterable {
        case chrome = "Chrome", edge = "Edge", firefox = "Firefox", safari = "Safari", updater = "Updater"
        case crawler = "Crawler", curl, python = "python-requests"
    }

    /// Seconds since 1970.
    var time = 0.0
    var service = Service.other
    var transport = Transport.tcp
    /// The destination's port; nil for icmp.
    var port: Int?
    var state = State.complete
    /// Bytes that the source sent, and that came back.
    var bytesOut = 0.0
    var bytesIn = 0.0
    var packets = 1.0
    /// Seconds; nil where the sensor saw a single packet or exchange.
    var duration: Double?
    var failedLogins = 0
    /// nil for services without a login.
    var loggedIn: Bool?
    var encrypted = false
    var source = 0
    var destination = 0
    var fromZone = Zone.internal
    var toZone = Zone.internal
    /// Index into `Company.countries`, of the external side; nil when there is none or it is unknown.
    var country: Int?
    var agent: Agent?
    /// Over the last hundred connections of the source: the share to the same destination, and the distinct ports.
    var sameHostRate = 1.0
    var distinctPorts = 1
    /// nil for normal records.
    var attack: ConnectionSimulator.Attack?

    /// Takes a state and what follows from it: no answer means no bytes back, a reset cuts the exchange short.
    mutating func end(as state: State, _ draws: inout Draws) {
        self.state = state
        switch state {
        case .complete, .open:
            break
        case .unanswered:
            (bytesIn, duration) = (0, nil)
            if transport == .tcp { bytesOut = 0 }
            packets = Double(1 + draws.index(below: 3))
            loggedIn = loggedIn.map { _ in false }
        case .refused:
            (bytesOut, bytesIn, packets) = (0, 0, 2)
            duration = draws.logNormal(median: 0.002, spread: 0.8)
            loggedIn = loggedIn.map { _ in false }
        case .resetBySource, .resetByDestination:
            let part = draws.uniform()
            bytesOut *= 0.3 + 0.7 * part
            bytesIn *= part
            duration = duration.map { $0 * part }
            countPackets(&draws)
        }
    }

    /// Packets from the bytes: the handshake and its end, full segments, and acknowledgements.
    mutating func countPackets(_ draws: inout Draws) {
        let segments = bytesOut / draws.logNormal(median: 1150, spread: 0.1)
            + bytesIn / draws.logNormal(median: 1300, spread: 0.1)
        packets = transport == .tcp ? 8 + (1.4 * segments).rounded() + Double(draws.index(below: 4))
            : max(2, (segments + 0.999).rounded(.down) + 1)
    }
}
