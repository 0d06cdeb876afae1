public import Foundation
public import Mail

/// A template as its tenant sees it, in one of its versions.
public struct StoredTemplate: Sendable {
    public let name: String
    public let version: Int
    /// Of the version.
    public let source: TemplateSource
    /// Of the template.
    public let createdAt: Date
    /// Of the version.
    public let updatedAt: Date

    public init(name: String, version: Int, source: TemplateSource, createdAt: Date, updatedAt: Date) {
        self.name = name
        self.version = version
        self.source = source
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A template in a list of them: without its text.
public struct TemplateEntry: Sendable {
    public let name: String
    public let version: Int
    public let subject: String
    public let createdAt: Date
    public let updatedAt: Date

    public init(name: String, version: Int, subject: String, createdAt: Date, updatedAt: Date) {
        self.name = name
        self.version = version
        self.subject = subject
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
