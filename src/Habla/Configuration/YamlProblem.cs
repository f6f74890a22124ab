using YamlDotNet.Core;

namespace Habla.Configuration;

/// <summary>What is wrong with a file that is no YAML, said the same way of all files.</summary>
internal static class YamlProblem
{
    /// <summary>The error to throw.</summary>
    /// <param name="path">The file's name.</param>
    /// <param name="error">The parser's.</param>
    /// <param name="expected">What the file should hold; empty to leave it out.</param>
    public static InvalidInputException Of(string path, YamlException error, string expected = "")
    {
        string reason = error.InnerException?.Message ?? error.Message;
        string hint = expected.Length > 0 ? $"; expected {expected}" : "";
        return new InvalidInputException($"{path}:{error.Start.Line}: this is not YAML: {reason.TrimEnd('.')}{hint}", error);
    }
}
