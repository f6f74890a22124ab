namespace Habla.Runs.Equivalence;

/// <summary>One other way to run a model, held against the model as it is: float32 weights, keys and values kept.</summary>
/// <param name="Name">The other way.</param>
/// <param name="HasToBeSame">
/// Whether the logits have to be the same bits, because nothing was rounded; otherwise the difference is the price of smaller numbers.
/// </param>
/// <param name="Difference">What was found; null where the row does not apply.</param>
/// <param name="WhyNot">Why it does not apply to this model; null where it does.</param>
public sealed record EquivalenceRow(string Name, bool HasToBeSame, LogitDifference? Difference, string? WhyNot = null)
{
    /// <summary>Whether the row applies, has to be the same, and is not.</summary>
    public bool IsBroken => HasToBeSame && Difference is { ChangedLogits: > 0 };
}
