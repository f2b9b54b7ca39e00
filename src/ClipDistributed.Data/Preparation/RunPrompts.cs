using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Data.Preparation;

/// <summary>The classes and the prompts of a run's zero-shot evaluation, for questions to its model.</summary>
/// <param name="classes">A file; null: the run has none.</param>
/// <param name="templates">As above.</param>
public sealed class RunPrompts(string? classes, string? templates)
{
    /// <summary>For models whose run has none.</summary>
    public const string DefaultTemplate = "a photo of a {}.";

    /// <summary>Of the run in this directory.</summary>
    /// <exception cref="BadInputException">Its spec cannot be read.</exception>
    public static RunPrompts Of(RunDirectory run)
    {
        var zeroshot = Zeroshot(run);
        return new RunPrompts(zeroshot?.Classes, zeroshot?.Templates);
    }

    /// <summary>The templates file of the run in whose directory the model lies; null: there is none.</summary>
    public static string? TemplatesFile(string model)
    {
        for (var folder = new DirectoryInfo(model); folder is not null; folder = folder.Parent)
        {
            var run = new RunDirectory(folder.FullName);
            if (!File.Exists(run.Spec) || !File.Exists(run.Info))
                continue;
            string? templates = Zeroshot(run)?.Templates;
            return File.Exists(templates) ? templates : null;
        }
        return null;
    }

    /// <exception cref="BadInputException">There is no such file.</exception>
    public IReadOnlyList<string> Templates() =>
        File.Exists(templates) ? PromptTemplates.Read(templates, "evaluate.zeroshot.templates") : [DefaultTemplate];

    /// <exception cref="BadInputException">The run has none, or the file is gone.</exception>
    public IReadOnlyList<string> Classes() => classes is { Length: > 0 } file
        ? PromptFile.Read(file, "evaluate.zeroshot.classes")
        : throw new BadInputException("captions is empty, and the run has no classes (evaluate.zeroshot.classes); give captions.");

    private static ZeroshotSpec? Zeroshot(RunDirectory run) => SpecReader.ReadFile(run.Spec, []).Evaluate?.Zeroshot;
}
