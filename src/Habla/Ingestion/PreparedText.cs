namespace Habla.Ingestion;

/// <summary>What can be told of a text by itself.</summary>
/// <param name="LongEnough">Whether it has the characters a document needs; otherwise nothing else is told.</param>
/// <param name="Characters">Its length in Unicode code points.</param>
/// <param name="Key">What it shares with a text that is the same.</param>
/// <param name="Signature">What nearly agrees with that of a text that is nearly the same; null when nobody asks.</param>
internal readonly record struct PreparedText(bool LongEnough, long Characters, UInt128 Key, MinHashSignature? Signature);
