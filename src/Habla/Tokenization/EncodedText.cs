namespace Habla.Tokenization;

/// <summary>A text as token ids.</summary>
/// <param name="Ids">The ids, without any token that begins or ends a sequence.</param>
/// <param name="UnknownCount">How many characters became <c>&lt;unk&gt;</c>; a report always shows it.</param>
public sealed record EncodedText(int[] Ids, int UnknownCount);
