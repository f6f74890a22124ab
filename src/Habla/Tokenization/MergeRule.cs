namespace Habla.Tokenization;

/// <summary>One rule of byte-pair encoding: this piece followed by that one become a single piece. Earlier rules go first.</summary>
/// <param name="Left">The piece before.</param>
/// <param name="Right">The piece behind.</param>
public readonly record struct MergeRule(string Left, string Right)
{
    /// <summary>The piece that comes of it.</summary>
    public string Joined => Left + Right;
}
