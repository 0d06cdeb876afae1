/// What one command wrote: where and how it ran, and the figures.
public struct Results<Cell: Codable & Sendable>: Codable, Sendable {
    public var command: String
    public var machine: [String: String]
    public var settings: [String: String]
    public var cells: [Cell]

    public init(command: String, machine: [String: String], settings: [String: String], cells: [Cell]) {
        self.command = command
        self.machine = machine
        self.settings = settings
        self.cells = cells
    }
}
