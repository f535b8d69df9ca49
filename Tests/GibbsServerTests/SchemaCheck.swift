import GibbsServer
import Foundation

extension Schema {
    /// What of a value does not obey; `nil` where all does. Members that the schema does not name are allowed, as JSON Schema has it.
    func fault(_ value: Any, at place: String = "answer") -> String? {
        switch self {
        case .anything: return nil
        case .text: return value is String ? nil : "\(place) is no text: \(value)"
        case .choice(let names): return (value as? String).map(names.contains) ?? false ? nil : "\(place) is none of \(names): \(value)"
        case .number: return isNumber(value) ? nil : "\(place) is no number: \(value)"
        case .integer: return isNumber(value) && (value as! NSNumber).doubleValue == (value as! NSNumber).doubleValue.rounded() ? nil : "\(place) is no whole number: \(value)"
        case .flag: return isFlag(value) ? nil : "\(place) is no truth value: \(value)"
        case .either(let one, let other): return one.fault(value, at: place).flatMap { _ in other.fault(value, at: place) }
        case .nullable(let schema): return value is NSNull ? nil : schema.fault(value, at: place)
        case .list(let element):
            guard let list = value as? [Any] else { return "\(place) is no list: \(value)" }
            return list.enumerated().lazy.compactMap { element.fault($0.element, at: "\(place)[\($0.offset)]") }.first
        case .map(let element):
            guard let map = value as? [String: Any] else { return "\(place) is no object: \(value)" }
            return map.lazy.compactMap { element.fault($0.value, at: "\(place).\($0.key)") }.first
        case .object(let members):
            guard let map = value as? [String: Any] else { return "\(place) is no object: \(value)" }
            for member in members {
                guard let found = map[member.name] else {
                    if member.isRequired { return "\(place) lacks \(member.name)" }
                    continue
                }
                if let fault = member.schema.fault(found, at: "\(place).\(member.name)") { return fault }
            }
            return nil
        }
    }

    private func isFlag(_ value: Any) -> Bool { (value as? NSNumber).map { CFGetTypeIDIsBoolean($0) } ?? false }
    private func isNumber(_ value: Any) -> Bool { value is NSNumber && !isFlag(value) }
}

private func CFGetTypeIDIsBoolean(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" || number === kTrue || number === kFalse }
private let kTrue = NSNumber(value: true), kFalse = NSNumber(value: false)
