namespace Habla.Ingestion;

/// <summary>What came of the files and documents of one kind.</summary>
/// <param name="Kind">The kind, such as <c>pdf</c>.</param>
/// <param name="Files">Files of that kind; an archive counts as one, its members do not.</param>
/// <param name="Documents">Documents of that kind, members of archives too.</param>
/// <param name="Characters">Their characters, in Unicode code points.</param>
/// <param name="Skipped">How many files or parts of that kind were skipped, by reason.</param>
public sealed record KindReport(string Kind, int Files, long Documents, long Characters, IReadOnlyDictionary<string, int> Skipped);
