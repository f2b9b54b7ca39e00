using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Contracts.Spec;

/// <summary>The paths that a spec names.</summary>
public static class SpecPaths
{
    /// <summary>Makes them independent of the folder in which <c>clipd</c> was called.</summary>
    /// <param name="spec">With all its values filled in; is changed.</param>
    public static void MakeAbsolute(TrainingSpec spec)
    {
        spec.RunDirectory = Path.GetFullPath(spec.RunDirectory);
        foreach (var source in spec.Data.Train.Concat(spec.Data.Validation))
            source.Path = Path.GetFullPath(source.Path);
        if (spec.Evaluate.Zeroshot is { } zeroshot)
            (zeroshot.Classes, zeroshot.Templates) = (Path.GetFullPath(zeroshot.Classes), Path.GetFullPath(zeroshot.Templates));
        var model = spec.Model;
        (model.InitFrom, model.Tokenizer, model.Config) = (Absolute(model.InitFrom), Absolute(model.Tokenizer), Absolute(model.Config));
    }

    private static string Absolute(string path) => path == "" ? "" : Path.GetFullPath(path);
}
