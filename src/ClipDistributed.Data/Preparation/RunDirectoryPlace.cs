using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;

namespace ClipDistributed.Data.Preparation;

/// <summary>A run directory is no folder of data, and lies in none: what a run writes would stand among its own shards.</summary>
internal static class RunDirectoryPlace
{
    /// <param name="spec">With absolute paths.</param>
    /// <exception cref="BadInputException">It is one, or lies in one.</exception>
    public static void Check(TrainingSpec spec)
    {
        string directory = WithEnd(spec.RunDirectory);
        var errors = new List<InputError>();
        foreach (var source in spec.Data.Train.Concat(spec.Data.Validation).Where(source => Path.IsPathRooted(source.Path)))
        {
            string data = WithEnd(source.Path);
            if (directory.StartsWith(data, StringComparison.Ordinal) && Directory.Exists(source.Path))
                errors.Add(new InputError("run_directory", $"run_directory {spec.RunDirectory} "
                    + $"{(directory == data ? "is" : "lies in")} the folder of data {source.Path}; choose one outside of it."));
        }
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }

    private static string WithEnd(string path) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) + Path.DirectorySeparatorChar;
}
