namespace Habla.Interchange.Gguf;

/// <summary>
/// The keys and values of a GGUF file, in the order in which they are written. The type of a value is part of the format.
/// </summary>
internal sealed class GgufMetadata
{
    private readonly List<(string Key, object Value)> _entries = [];

    public IReadOnlyList<(string Key, object Value)> Entries => _entries;

    public void Add(string key, string value) => _entries.Add((key, value));

    public void Add(string key, bool value) => _entries.Add((key, value));

    public void Add(string key, int value) => _entries.Add((key, checked((uint)value)));

    public void Add(string key, float value) => _entries.Add((key, value));

    public void Add(string key, IEnumerable<string> values) => _entries.Add((key, values.ToArray()));

    public void Add(string key, IEnumerable<int> values) => _entries.Add((key, values.ToArray()));
}
