using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;

namespace ClipDistributed.Training.Logs;

/// <summary>
/// The end of a metrics file, up to a step. Steps only grow in it and a run may have written hundreds of thousands, so it is
/// read backwards from its end: a generation begins as quickly late in a run as early.
/// </summary>
/// <param name="End">Bytes up to there are of that step and earlier ones.</param>
/// <param name="Lines">The last recorded step, and the evaluations after it.</param>
internal sealed record MetricsTail(long End, IReadOnlyList<RunRecord> Lines)
{
    private const long Window = 1 << 16;

    /// <summary>A torn line, left by a killed process, is passed over.</summary>
    public static MetricsTail Read(string path, long step)
    {
        if (FileKinds.Of(path) == FileKind.Missing)
            return new MetricsTail(0, []);
        using var file = InputFile.OpenRegular(path, bufferSize: 1, named: true);
        for (long window = Window; ; window *= 2)
        {
            long start = Math.Max(0, file.Length - window);
            var tail = Read(file, path, start, step);
            if (start == 0 || tail.Lines.Count > 0 && tail.Lines[0].Step is not null)
                return tail;
        }
    }

    private static MetricsTail Read(FileStream file, string path, long start, long step)
    {
        long end = start;
        var lines = new List<RunRecord>();
        // The window begins amid a line.
        foreach (var found in RunLines.Walk(file, path, start).Skip(start == 0 ? 0 : 1).TakeWhile(found => found.IsEnded))
        {
            var line = found.Text is null ? null : RunRecordJson.TryParse(found.Text);
            if (StepOf(line) is not { } of)
                continue;
            if (of > step)
                break;
            if (line!.Step is not null)
                lines.Clear();
            lines.Add(line);
            end = found.End;
        }
        return new MetricsTail(end, lines);
    }

    /// <summary>Null: it is not a line of a metrics file.</summary>
    private static long? StepOf(RunRecord? line) => line?.Step?.Step ?? line?.Evaluation?.Step ?? line?.Retrieval?.Step;
}
