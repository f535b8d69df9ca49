/// What a parser needs to know of a line, whatever its form. A new form joins by an initialiser beside its header and a case here.
struct LineParts {
    /// A token before the message's, which never merges with another.
    enum Context {
        /// A name, or a dash where there is none, and what ends it.
        case name(Range<Int>?, ending: UInt8?)
        /// The first digit of a status, such as that of `2xx`, and where the token counts as standing.
        case statusClass(UInt8, at: Int)
    }

    /// Where the entity stands.
    enum Entity {
        /// There is none.
        case none
        /// There.
        case range(Range<Int>)
        /// The first block of the message.
        case firstBlock
        /// An address: this one, else the first of the message where that may name one; else the last of the same process; else the user, else the process.
        case origin(address: Range<Int>?, messageNamesIt: Bool)
    }

    var header: LogHeader
    /// How often the message came in a row.
    var repeated = 1
    var context: (first: Context?, second: Context?) = (nil, nil)
    var user: Range<Int>?
    /// Parts of the message that are names whatever they look like, in order.
    var opaque: [Range<Int>] = []
    /// The path and query that stand for the message of a request.
    var target: Range<Int>?
    var entity = Entity.none

    init(header: LogHeader) { self.header = header }

    /// The parts of a line of a form.
    init(_ line: LogText, _ preset: LogPreset, _ clock: inout LogClock) {
        switch preset {
        case .sshd: self.init(syslog: line, &clock)
        case .hdfs: self.init(hadoop: line)
        case .apache: self.init(access: line)
        case .plain: self.init(header: LogHeader(bare: line))
        }
    }

    private init(hadoop line: LogText) {
        self.init(header: LogHeader(hadoop: line) ?? LogHeader(bare: line))
        context.first = .name(header.process, ending: UInt8(ascii: ":"))
        entity = .firstBlock
    }
}
