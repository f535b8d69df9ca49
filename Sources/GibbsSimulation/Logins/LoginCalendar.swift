/// Days of the login log: day 0 is Monday, 2 March 2026, and begins at midnight UTC.
enum LoginCalendar {
    static let millisecondsOfADay = 86_400_000
    static let firstMillisecond = 1_772_409_600_000

    /// The millisecond since 1970 at which a day begins.
    static func start(of day: Int) -> Int { firstMillisecond + day * millisecondsOfADay }

    /// Hours since the beginning of day 0.
    static func hour(of time: Int) -> Double { Double(time - firstMillisecond) / 3_600_000 }

    /// Monday is 0, Sunday 6; days before the first one count, too.
    static func weekday(_ day: Int) -> Int { ((day % 7) + 7) % 7 }

    /// How likely a login is in each local hour of somebody with the usual day: a rush at eight and nine, another one after
    /// lunch, stragglers in the evening.
    static let hours = Choice<Int>(Array(zip(0..., [
        0.3, 0.15, 0.1, 0.1, 0.15, 0.4, 1.5, 4.5, 10, 9, 6, 5, 4.5, 6, 5, 4.5, 4, 3, 2.5, 2.2, 2.2, 1.8, 1.2, 0.6,
    ])))

    /// A moment of a UTC day at somebody's local hours.
    ///
    /// - Returns: Milliseconds since 1970, the local hour, and the local weekday.
    static func moment(of day: Int, hoursAhead: Double, shift: Double, _ draws: inout Draws) -> (time: Int, hour: Double, weekday: Int) {
        let drawn = Double(draws.pick(hours)) + draws.uniform() + shift
        let local = drawn - 24 * (drawn / 24).rounded(.down)
        let unwrapped = local - hoursAhead, universal = unwrapped - 24 * (unwrapped / 24).rounded(.down)
        let localDay = day + Int(((universal + hoursAhead) / 24).rounded(.down))
        let offset = min(millisecondsOfADay - 1, Int(universal * 3_600_000))
        return (start(of: day) + offset, local, weekday(localDay))
    }
}
