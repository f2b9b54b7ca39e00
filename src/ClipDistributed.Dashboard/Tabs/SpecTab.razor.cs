using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Dashboard.Feeds;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Tabs;

public sealed partial class SpecTab : ComponentBase
{
    private TrainingSpec? compared;

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    /// <summary>Null: the defaults are not known here.</summary>
    private IReadOnlyList<SpecDifference>? Differences { get; set; }

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(compared, Detail.Spec))
            return;
        compared = Detail.Spec;
        Differences = compared is null ? null : DifferencesOf(compared);
    }

    /// <summary>From a spec that gives its name, data, model and place alone.</summary>
    internal static IReadOnlyList<SpecDifference>? DifferencesOf(TrainingSpec spec)
    {
        if (spec.Model is not { Preset: not "" } model)
            return null; // a file or folder on another machine has the values
        var least = new TrainingSpec
        {
            Name = spec.Name, Data = new DataSpec { Train = { spec.Data.Train } }, RunDirectory = spec.RunDirectory,
            Model = new ModelSpec { Preset = model.Preset },
        };
        try
        {
            return SpecDifferences.Find(SpecDefaults.Fill(least), spec);
        }
        catch (BadInputException)
        {
            return null; // a preset of another version
        }
    }
}
