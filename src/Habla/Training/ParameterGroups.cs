using System.Collections;

namespace Habla.Training;

/// <summary>Groups of parameters in order of precedence; two lists with equal groups are equal.</summary>
/// <param name="groups">The groups; a parameter belongs to the first that matches its name.</param>
public sealed class ParameterGroups(params IReadOnlyList<ParameterGroup> groups)
    : IReadOnlyList<ParameterGroup>, IEquatable<ParameterGroups>
{
    /// <summary>No group.</summary>
    public static ParameterGroups None { get; } = new();

    /// <inheritdoc/>
    public int Count => groups.Count;

    /// <inheritdoc/>
    public ParameterGroup this[int index] => groups[index];

    /// <inheritdoc/>
    public bool Equals(ParameterGroups? other) => other is not null && this.SequenceEqual(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ParameterGroups);

    /// <inheritdoc/>
    public override int GetHashCode() => this.Aggregate(Count, HashCode.Combine);

    /// <inheritdoc/>
    public IEnumerator<ParameterGroup> GetEnumerator() => groups.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
