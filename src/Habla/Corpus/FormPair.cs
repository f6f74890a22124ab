namespace Habla.Corpus;

/// <summary>The same thing said in both languages.</summary>
/// <param name="English">For instance "he walks".</param>
/// <param name="Spanish">For instance "él camina".</param>
public sealed record FormPair(string English, string Spanish);
