namespace Habla.Tokenization;

/// <summary>How often a text uses a token.</summary>
/// <param name="Id">The token's id.</param>
/// <param name="Piece">What it stands for, as people read it.</param>
/// <param name="Bytes">How many bytes that is.</param>
/// <param name="Count">How often the text has it.</param>
public sealed record TokenUse(int Id, string Piece, int Bytes, long Count);
