import GibbsNumerics

extension GibbsError {
    /// The exit code of sysexits.h for this kind of bad news, the same for every program: 64 what was asked for, 65 the data or the model, 66 what cannot be read,
    /// 73 what cannot be written, 70 anything else.
    public var exitCode: Int32 {
        switch code {
        case .usage: 64
        case .malformedData, .unsuitableData, .shapeMismatch, .limitExceeded, .unsuitableModel: 65
        case .cannotRead: 66
        case .cannotWrite: 73
        default: 70
        }
    }
}
