import GibbsData

extension AnyModel {
    /// What the model is, as `gibbs inspect --json` and the service show it.
    ///
    /// - Parameter file: What its file is called.
    package func json(file: String) -> JSONValue {
        switch self {
        case .records(let model): model.json(file: file)
        case .images(let model): model.json(file: file)
        case .events(let model): model.json(file: file)
        case .stream(let model): model.json(file: file)
        case .frames(let model): model.json(file: file)
        case .ratings(let model): model.json(file: file)
        case .encoder(let model): model.json(file: file)
        }
    }
}
