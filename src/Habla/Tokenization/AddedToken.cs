namespace Habla.Tokenization;

/// <summary>A token that stands for itself and is never part of a merge, such as <c>&lt;bos&gt;</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its name, which becomes its id only where that is allowed.</param>
/// <param name="IsSpecial">Whether decoding leaves it out. Default true.</param>
public sealed record AddedToken(int Id, string Content, bool IsSpecial = true);
