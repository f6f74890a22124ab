namespace Habla.BytePairs;

/// <summary>How far training is.</summary>
/// <param name="Bytes">Bytes of text counted so far.</param>
/// <param name="Merges">Rules found so far; 0 while text is being counted.</param>
/// <param name="MergesWanted">Rules to find.</param>
public readonly record struct ByteLevelProgress(long Bytes, int Merges, int MergesWanted);
