namespace Habla.Runs;

/// <summary>What the last part of a run that was resumed did by itself.</summary>
/// <param name="Steps">Updates done in it.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Tokens">Tokens learned from in it, padding not included.</param>
/// <param name="FollowsKilled">Whether a part before it was killed, which has left no word of its time.</param>
public sealed record RunPart(int Steps, double Seconds, long Tokens, bool FollowsKilled);
