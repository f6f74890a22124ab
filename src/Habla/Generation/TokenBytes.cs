namespace Habla.Generation;

/// <summary>The UTF-8 bytes that a token stands for; it may be half a character, and none for a token that stands for no text.</summary>
/// <param name="id">A token of the model's vocabulary.</param>
public delegate ReadOnlySpan<byte> TokenBytes(int id);
