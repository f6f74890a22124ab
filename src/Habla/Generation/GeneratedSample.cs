namespace Habla.Generation;

/// <summary>A text that a model said.</summary>
/// <param name="Tokens">Its tokens; with a stop string, those that begin before it, so that the last may reach into it.</param>
/// <param name="Text">The text, without what stopped it; empty when the request has no way to decode.</param>
/// <param name="End">Why it is not longer.</param>
public sealed record GeneratedSample(IReadOnlyList<GeneratedToken> Tokens, string Text, GenerationEnd End);
