using System.Text.Json;

namespace Habla.Corpus;

/// <summary>The names that the corpus's words (tenses, persons, labels, policies) carry in files and on the command line.</summary>
public static class WireName
{
    /// <summary>The name of a value: snake_case, and "1sg", "2sg", "3sg" for persons.</summary>
    /// <typeparam name="T">One of the corpus's enumerations.</typeparam>
    /// <param name="value">The value.</param>
    public static string Of<T>(T value)
        where T : struct, Enum => value switch
        {
            Person.FirstSingular => "1sg",
            Person.SecondSingular => "2sg",
            Person.ThirdSingular => "3sg",
            SplitPolicy.Verbs4 => "verbs_4",
            _ => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()),
        };

    /// <summary>Every name of an enumeration, in its order.</summary>
    /// <typeparam name="T">One of the corpus's enumerations.</typeparam>
    public static IReadOnlyList<string> All<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(Of)];

    /// <summary>Finds the value that has a name; upper and lower case differ.</summary>
    /// <typeparam name="T">One of the corpus's enumerations.</typeparam>
    /// <param name="name">The name.</param>
    /// <param name="value">The value found.</param>
    /// <returns>Whether there is one.</returns>
    public static bool TryParse<T>(string? name, out T value)
        where T : struct, Enum
    {
        foreach (T candidate in Enum.GetValues<T>())
        {
            if (Of(candidate) == name)
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
