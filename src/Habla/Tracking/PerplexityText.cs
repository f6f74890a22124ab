using System.Globalization;

namespace Habla.Tracking;

/// <summary>A perplexity as people read it.</summary>
public static class PerplexityText
{
    /// <summary>Three decimals, or a power of ten where a run went astray.</summary>
    /// <param name="perplexity">The perplexity.</param>
    public static string Of(double perplexity) => perplexity.ToString(perplexity < 1e6 ? "F3" : "0.0e+0", CultureInfo.InvariantCulture);
}
