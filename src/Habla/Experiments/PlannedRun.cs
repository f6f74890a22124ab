using Habla.Configuration;

namespace Habla.Experiments;

/// <summary>A run that an experiment makes.</summary>
/// <param name="Name">Its folder's name under <c>runs</c>, made of what it changes.</param>
/// <param name="Folder">Its run folder.</param>
/// <param name="Setting">Which of the experiment's settings it is, from 0; runs that differ in the seed alone share it.</param>
/// <param name="Values">The value of each key that the experiment varies, by key.</param>
/// <param name="Recipe">The whole recipe.</param>
/// <param name="StepsPerEpoch">Updates in one pass over the training data.</param>
/// <param name="Steps">Updates in the whole run.</param>
public sealed record PlannedRun(
    string Name, string Folder, int Setting, IReadOnlyDictionary<string, string> Values, Recipe Recipe, int StepsPerEpoch, int Steps);
