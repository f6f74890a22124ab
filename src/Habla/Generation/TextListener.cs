namespace Habla.Generation;

/// <summary>Hears a text while it is being made: whole characters, and nothing that a stop string could still take back.</summary>
/// <param name="sample">Which of several texts, from 0.</param>
/// <param name="text">What comes next of it; never empty.</param>
public delegate void TextListener(int sample, string text);
