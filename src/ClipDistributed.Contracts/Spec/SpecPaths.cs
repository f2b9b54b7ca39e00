using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Contracts.Spec;

/// <summary>The paths that a spec names. Where checkpoints are kept is none of them: that is a place in S3.</summary>
public static class SpecPaths
{
    /// <summary>Expands them and makes them independent of the folder in which <c>clipd</c> was called; empty ones stay empty.</summary>
    /// <param name="spec">Is changed.</param>
    /// <exception cref="BadInputException">All that cannot be expanded.</exception>
    public static void MakeAbsolute(TrainingSpec spec) => Change(spec, UserPath.Absolute);

    /// <summary>Each with the field that holds it.</summary>
    public static IReadOnlyList<(string Key, string Path)> Of(TrainingSpec spec)
    {
        var paths = new List<(string, string)>();
        Change(spec.Clone(), (path, key) =>
        {
            paths.Add((key, path));
            return path;
        });
        return paths;
    }

    private static void Change(TrainingSpec spec, Func<string, string, string> change)
    {
        var errors = new List<string>();
        spec.RunDirectory = Changed(spec.RunDirectory, "run_directory");
        foreach (var (sources, field) in new[] { (spec.Data?.Train, "train"), (spec.Data?.Validation, "validation") })
        {
            for (int i = 0; i < (sources?.Count ?? 0); i++)
                sources![i].Path = Changed(sources[i].Path, $"data.{field}[{i}].path");
        }
        if (spec.Evaluate?.Zeroshot is { } zeroshot)
        {
            zeroshot.Classes = Changed(zeroshot.Classes, "evaluate.zeroshot.classes");
            zeroshot.Templates = Changed(zeroshot.Templates, "evaluate.zeroshot.templates");
        }
        if (spec.Model is { } model)
        {
            model.InitFrom = Changed(model.InitFrom, "model.init_from");
            model.Tokenizer = Changed(model.Tokenizer, "model.tokenizer");
            model.Config = Changed(model.Config, "model.config");
        }
        if (errors.Count > 0)
            throw new BadInputException(errors);

        string Changed(string path, string key)
        {
            try
            {
                return change(path, key);
            }
            catch (BadInputException wrong)
            {
                errors.AddRange(wrong.Errors);
                return path;
            }
        }
    }
}
