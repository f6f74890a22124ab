namespace Habla.EndToEnd.Tests.Resuming;

/// <summary>Tests that hold their runs against one <see cref="TinyRun"/>.</summary>
[CollectionDefinition(Name)]
public sealed class TinyRunGroup : ICollectionFixture<TinyRun>
{
    public const string Name = "tests of runs that are stopped";
}
