using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Coordinator.Links;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Coordinator.History.Artefacts;

/// <summary>The files of a run that can be read. The directory belongs to users: no link in it is followed.</summary>
internal static class ArtefactFolder
{
    /// <summary>Of the longest name, a file of a checkpoint.</summary>
    private const int MaxDepth = 3;

    private static readonly EnumerationOptions WithoutLinks = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = MaxDepth,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
    };

    /// <summary>In no order.</summary>
    public static IEnumerable<Artefact> List(string runDirectory)
    {
        var root = new DirectoryInfo(runDirectory);
        if (!root.Exists)
            yield break;
        foreach (var file in root.EnumerateFiles("*", WithoutLinks))
        {
            string name = Path.GetRelativePath(root.FullName, file.FullName);
            if (ArtefactNames.IsOne(name) && FileKinds.Of(file.FullName) == FileKind.Regular)
                yield return new Artefact
                {
                    Name = name,
                    Bytes = file.Length,
                    Modified = DateTime.SpecifyKind(file.LastWriteTimeUtc, DateTimeKind.Utc).ToTimestamp(),
                    ContentType = ArtefactNames.TypeOf(name),
                };
        }
    }

    /// <exception cref="BadInputException">It has no such part.</exception>
    /// <exception cref="RequestRefusedException">There is no such file.</exception>
    public static ArtefactPart Open(string runId, string runDirectory, string name, long offset, long length)
    {
        var file = ArtefactNames.IsOne(name) ? FileBeneath.OpenToRead(runDirectory, name.Split('/')) : null;
        if (file is null)
            throw RequestRefusedException.NotFound(
                $"run {runId} has no artefact {Excerpt.Of(name)}; clipd run artefacts {runId} shows all");
        long total = file.Length;
        var errors = new List<InputError>();
        if (offset < 0 || offset > total)
            errors.Add(new InputError("offset", $"offset is {offset}; use 0 to {total}, the bytes of {name}."));
        if (length < 0)
            errors.Add(new InputError("length", $"length is {length}; use 0 (to the end) or more."));
        if (errors.Count > 0)
        {
            file.Dispose();
            throw new BadInputException(errors);
        }
        return new ArtefactPart(file, offset, length == 0 ? total - offset : Math.Min(length, total - offset), total);
    }
}
