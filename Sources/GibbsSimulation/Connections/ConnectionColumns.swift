import GibbsData

extension Table {
    /// Connection records as rows, with the columns that `ConnectionSimulator` documents.
    init(connections records: [ConnectionRecord]) {
        func numbers(_ name: String, _ value: (ConnectionRecord) -> Double) -> Column {
            Column(name: name, numbers: records.map(value))
        }
        func texts(_ name: String, _ value: (ConnectionRecord) -> String?) -> Column {
            Column(name: name, texts: records.map(value))
        }
        self.init(columns: [
            texts("time") { isoText(second: Int($0.time)) },
            numbers("hour") { Double(WorkingHours.hour(of: $0.time)) },
            numbers("duration") { $0.duration.map { ($0 * 1000).rounded() / 1000 } ?? .nan },
            texts("protocol") { $0.transport.rawValue },
            texts("service") { $0.service.name },
            numbers("port") { $0.port.map(Double.init) ?? .nan },
            texts("state") { $0.state.rawValue },
            numbers("bytes_out") { $0.bytesOut.rounded() },
            numbers("bytes_in") { $0.bytesIn.rounded() },
            numbers("packets") { $0.packets },
            numbers("failed_logins") { Double($0.failedLogins) },
            Column(name: "logged_in", booleans: records.map(\.loggedIn)),
            Column(name: "encrypted", booleans: records.map(\.encrypted)),
            numbers("same_host_rate") { ($0.sameHostRate * 100).rounded() / 100 },
            numbers("distinct_ports") { Double($0.distinctPorts) },
            texts("source_zone") { $0.fromZone.rawValue },
            texts("destination_zone") { $0.toZone.rawValue },
            texts("country") { $0.country.map { Company.countries[$0] } },
            texts("user_agent") { $0.agent?.rawValue },
            texts("sensor") { _ in "v3.1" },
            texts("label") { $0.attack?.rawValue ?? ConnectionSimulator.normalLabel },
        ])
    }
}
