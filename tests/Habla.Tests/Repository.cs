namespace Habla.Tests;

/// <summary>The checkout the tests were built from, for tests of its documents and recipes.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? place = new(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            if (File.Exists(Path.Combine(place.FullName, "Habla.slnx")))
            {
                return place.FullName;
            }
        }

        throw new InvalidOperationException("the tests are not inside a checkout");
    }
}
