namespace Habla.Extraction;

/// <summary>Why no text came from a file or a part of it.</summary>
public enum SkipReason
{
    /// <summary>It has no bytes, or no text.</summary>
    Empty,

    /// <summary>It is not what it says it is, or it breaks off.</summary>
    Broken,

    /// <summary>It needs a password.</summary>
    Encrypted,

    /// <summary>It may not be read.</summary>
    Unreadable,

    /// <summary>It is larger than the limit, or becomes larger when it is unpacked.</summary>
    TooLarge,

    /// <summary>Reading it took longer than the limit.</summary>
    TooSlow,

    /// <summary>Reading it took more memory than the limit.</summary>
    TooMuchMemory,

    /// <summary>No extractor knows its kind: a program, a film, a font.</summary>
    UnknownKind,

    /// <summary>The user asked to leave its kind out.</summary>
    NotAskedFor,

    /// <summary>The program that reads it is not installed.</summary>
    ProgramMissing,

    /// <summary>It has fewer characters than the least asked for.</summary>
    TooShort,

    /// <summary>It is a JSON object without a text under the field that was asked for.</summary>
    NoField,

    /// <summary>Another document has the same text.</summary>
    Duplicate,

    /// <summary>Another document has almost the same text.</summary>
    NearDuplicate,

    /// <summary>It is a symbolic link, which is not followed.</summary>
    SymbolicLink,
}
