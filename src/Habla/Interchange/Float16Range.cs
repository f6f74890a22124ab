using Habla.Modeling;
using static System.FormattableString;

namespace Habla.Interchange;

/// <summary>Numbers that float16 cannot hold: they would become infinite.</summary>
internal static class Float16Range
{
    /// <summary>Refuses weights that are too large.</summary>
    /// <param name="model">The model.</param>
    /// <param name="parameters">Those that are to be stored; names that the model does not have are passed over.</param>
    /// <param name="divisor">What a weight is divided by before it is stored as float16.</param>
    /// <param name="other">A dtype beside f32 that holds them, or null.</param>
    /// <exception cref="InvalidInputException">A weight is too large; the message names it.</exception>
    public static void Refuse(Gpt model, IEnumerable<string> parameters, float divisor, string? other = null)
    {
        HashSet<string> names = [.. parameters];
        foreach (Tensors.Parameter parameter in model.Parameters.Parameters.Where(parameter => names.Contains(parameter.Name)))
        {
            foreach (float number in model.Parameters.Data(parameter))
            {
                if (float.IsFinite(number) && Half.IsInfinity((Half)(number / divisor)))
                {
                    string end = divisor == 1 ? Invariant($"{Half.MaxValue}") : Invariant($"{Half.MaxValue} times {divisor}");
                    throw new InvalidInputException(Invariant($"{parameter.Name} has the weight {number}, and float16 ends at {end}; ")
                        + $"export with --dtype f32{(other is null ? "" : $" or {other}")}");
                }
            }
        }
    }
}
