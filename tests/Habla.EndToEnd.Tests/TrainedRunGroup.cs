namespace Habla.EndToEnd.Tests;

/// <summary>Tests that share a <see cref="TrainedRun"/>; they run one after another, so each may compare the whole folder.</summary>
[CollectionDefinition(Name)]
public sealed class TrainedRunGroup : ICollectionFixture<TrainedRun>
{
    public const string Name = "tests of a trained run";
}
