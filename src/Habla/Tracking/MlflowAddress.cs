using System.Text.RegularExpressions;

namespace Habla.Tracking;

/// <summary>What a recipe may give as MLflow's address: a tracking server, or a folder.</summary>
internal static partial class MlflowAddress
{
    /// <summary>What is wrong with an address; null when it names a server or a folder.</summary>
    /// <param name="uri">As it stands in a recipe.</param>
    public static string? Problem(string uri)
    {
        const string Expected = "expected a tracking server such as http://localhost:5000, or a folder such as mlruns";
        if (uri.Trim().Length == 0)
        {
            return $"empty; {Expected}";
        }

        if (!uri.Contains("://", StringComparison.Ordinal))
        {
            if (HostAndPort().IsMatch(uri.Trim()))
            {
                return $"{uri} would be a folder of that name; write http://{uri.Trim()} for a server, "
                    + $"or ./{uri.Trim()} if the folder is meant";
            }

            return null; // a folder; file:mlruns is one too, though no address by the book
        }

        return !Uri.TryCreate(uri, UriKind.Absolute, out Uri? address) ? $"{uri} is no address; {Expected}"
            : address.Scheme is not ("http" or "https" or "file") ? $"{address.Scheme}: is no store that Habla can write to; {Expected}"
            : address.Scheme == "file" && address.Host.Length > 0 ? $"{uri} is on another machine; {Expected}"
            : address.UserInfo.Length > 0
                ? "a name or password in the address would be written into the run folder; set MLFLOW_TRACKING_USERNAME and "
                + "MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, in the environment"
            : null;
    }

    /// <summary>The address as it is kept: a server's as it is, a folder's as an absolute path.</summary>
    /// <param name="uri">An address without a <see cref="Problem"/>.</param>
    public static string Resolve(string uri) =>
        IsServer(uri) ? uri.TrimEnd('/')
        : Path.GetFullPath(uri.StartsWith("file:///", StringComparison.Ordinal) ? new Uri(uri).LocalPath
            : uri.StartsWith("file:", StringComparison.Ordinal) ? uri["file:".Length..] : uri);

    /// <summary>Whether it names a server; otherwise it is a folder.</summary>
    /// <param name="uri">An address without a <see cref="Problem"/>.</param>
    public static bool IsServer(string uri) =>
        uri.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || uri.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    // What people type for a server: localhost:5000, 10.0.0.1:80/, [::1]:5000, mlflow.example.org:5000/path.
    [GeneratedRegex(@"^(?!file:)([\w.-]+|\[[0-9A-Fa-f:.]+\]):\d+(/.*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPort();
}
