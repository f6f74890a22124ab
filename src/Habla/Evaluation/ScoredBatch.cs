using Habla.Data;

namespace Habla.Evaluation;

/// <summary>A batch with the loss of each of its targets.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Losses">
/// <c>[B, T]</c>: of each target that counts, the natural logarithm of its probability with the sign turned; 0 elsewhere.
/// </param>
/// <param name="Loss">Their sum, in nats.</param>
/// <param name="Tokens">How many targets counted.</param>
/// <param name="Right">How many of them were the likeliest token.</param>
public sealed record ScoredBatch(Batch Batch, IReadOnlyList<float> Losses, double Loss, long Tokens, long Right);
