using System.Text;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting.Numbers;
using ClipDistributed.Reporting.Pictures;
using ClipDistributed.Reporting.Runs;

namespace ClipDistributed.Reporting.Pages;

/// <summary>Sections on how the run went beside its losses: its time, its data, and who computed it.</summary>
internal static class RunSections
{
    private const int MaxNotices = 50;

    private const int MaxIncidents = 100;

    public static void AppendTime(StringBuilder page, RunFiles run, ThemedPicture? picture)
    {
        var split = StepParts.Mean(run.Steps);
        double sum = split.Sum(part => part.Seconds);
        if (sum <= 0)
            return;
        page.Append("<section id=\"time\">\n<h2>Where the time goes</h2>\n");
        page.Append(
            $"<p>Of a step, on average over {Counted.Of(run.Steps.Count, "step")}. The replicas compute side by side; what one "
                + $"waits for is its own part.</p>\n"
        );
        AppendPipeline(page, run);
        page.Append("<div class=\"curves\">\n");
        if (picture is not null)
            Markup.AppendPicture(page, picture, "Time of a step, in parts, over samples seen; the table gives the averages");
        Markup.AppendTable(
            page,
            "Parts of a step",
            ["<Part", "ms", "Share", "<What it is"],
            split.Select(
                (part, i) =>
                    (IReadOnlyList<string>)
                        [
                            $"<span class=\"swatch s{i}\"></span>{Markup.Escape(part.Name)}",
                            Figures.Plain(1000 * part.Seconds),
                            Figures.Percent(part.Seconds / sum),
                            Markup.Escape(part.Remark),
                        ]
            )
        );
        page.Append("</div>\n</section>\n");
    }

    private static void AppendPipeline(StringBuilder page, RunFiles run)
    {
        PipelineWaits[] waits = [.. run.Steps.Select(step => step.Pipeline).OfType<PipelineWaits>()];
        if (waits.Length == 0)
            return;
        page.Append(
            $"<p>Meanwhile the data pipeline waited, for each step, {Milliseconds(wait => wait.Reading)} for rows to be read, "
                + $"{Milliseconds(wait => wait.Decoding)} for a thread that decodes, and {Milliseconds(wait => wait.Step)} for the step to "
                + $"take what was ready."
        );
        page.Append($"{(DataLimit.Advice(run.Steps) is { } advice ? $" <strong>{Markup.Escape(advice)}</strong>" : "")}</p>\n");

        string Milliseconds(Func<PipelineWaits, double> of) => $"{Figures.Plain(1000 * waits.Average(of))} ms";
    }

    public static void AppendRetrieval(StringBuilder page, RunFiles run)
    {
        if (run.Retrievals.Count == 0)
            return;
        page.Append(
            "<section id=\"retrieval\">\n<h2>Retrieval</h2>\n<p>How often the right caption is among the first 1, 5 or 10 for an image, "
                + "and the right image for a caption. Equal captions count as right.</p>\n"
        );
        Markup.AppendTable(
            page,
            "Retrieval",
            ["Step", "<Source", "Image→text R@1", "R@5", "R@10", "Text→image R@1", "R@5", "R@10", "Loss", "Pairs"],
            run.Retrievals.OrderByDescending(retrieval => retrieval.Step)
                .Select(retrieval =>
                    (IReadOnlyList<string>)
                        [
                            Figures.Whole(retrieval.Step),
                            Markup.Escape(retrieval.Source),
                            .. Cells(retrieval.ImageToText),
                            .. Cells(retrieval.TextToImage),
                            Figures.Fixed(retrieval.Loss),
                            Figures.Whole(retrieval.Count),
                        ]
                )
        );
        page.Append("</section>\n");
    }

    public static void AppendData(StringBuilder page, RunFiles run)
    {
        if (run.Data is not { } data)
            return;
        page.Append("<section id=\"data\">\n<h2>Data</h2>\n");
        var facts = new List<(string, string)>
        {
            ("Pairs", Figures.Whole(data.Rows)),
            ("Shards", Figures.Whole(data.Shards.Count)),
            ("Blocks", Figures.Whole(data.Shards.Sum(shard => shard.Blocks.Count))),
            ("Size", Figures.Bytes(data.Shards.Sum(shard => shard.Length))),
        };
        if (run.Batch is > 0 and var batch)
        {
            facts.Add(("Steps of an epoch", Figures.Whole(Math.Floor(data.Rows / batch))));
            facts.Add(("Left over by an epoch", Counted.Of((long)(data.Rows % batch), "pair")));
            facts.Add(("Epochs seen", Figures.Plain(run.Steps[^1].Step / Math.Max(1, Math.Floor(data.Rows / batch)))));
        }
        long replaced = run.Steps.Sum(step => (long)step.Replaced);
        facts.Add(("Damaged pairs replaced", replaced == 0 ? "none" : Figures.Whole(replaced)));
        Markup.AppendFacts(page, facts);
        page.Append("</section>\n");
    }

    public static void AppendAttempts(StringBuilder page, RunFiles run)
    {
        if (run.Starts.Count == 0 && run.Notices.Count == 0)
            return;
        page.Append("<section id=\"attempts\">\n<h2>Attempts and replicas</h2>\n");
        if (run.Starts.Count > 0)
        {
            Markup.AppendTable(
                page,
                "Attempts and replicas",
                ["Attempt", "Goes on after step", "<From", "Replicas", "Threads", "Micro-batch"],
                run.Starts.Select(start =>
                    (IReadOnlyList<string>)
                        [
                            Figures.Whole(start.Attempt),
                            Figures.Whole(start.Step),
                            Markup.Escape(Origin(run, start)),
                            Figures.Whole(start.Replicas),
                            Figures.Whole(start.Threads),
                            Figures.Whole(start.MicroBatch),
                        ]
                )
            );
        }
        if (run.Notices.Count > 0)
        {
            page.Append($"<details><summary>{Counted.Of(run.Notices.Count, "notice")}</summary>\n<ul class=\"notices\">\n");
            foreach (var notice in run.Notices.Take(MaxNotices))
                page.Append($"<li>{Markup.Escape(Described(notice))}</li>\n");
            if (run.Notices.Count > MaxNotices)
                page.Append($"<li>… and {Figures.Whole(run.Notices.Count - MaxNotices)} more in events.jsonl and coordinator.jsonl</li>\n");
            page.Append("</ul>\n</details>\n");
        }
        page.Append("</section>\n");
    }

    /// <summary>What cost the run time or replicas, as its coordinator saw it.</summary>
    public static void AppendIncidents(StringBuilder page, RunFiles run)
    {
        if (run.Incidents.Count == 0)
            return;
        page.Append("<section id=\"incidents\">\n<h2>Incidents</h2>\n");
        Markup.AppendTable(
            page,
            "Incidents",
            ["<Found (UTC)", "<What", "Lost", "Steps recomputed", "<Then", "<Seen"],
            run.Incidents.TakeLast(MaxIncidents)
                .Select(incident =>
                    (IReadOnlyList<string>)
                        [
                            UtcTime.Readable(incident.Opened.ToDateTimeOffset()),
                            Markup.Escape(incident.What),
                            incident.HasSecondsLost ? Figures.Duration(incident.SecondsLost) : "so far",
                            Figures.Whole(incident.StepsRecomputed),
                            Markup.Escape(incident.Action == "" ? "nothing yet" : incident.Action),
                            Markup.Escape(incident.Evidence),
                        ]
                )
        );
        if (run.Incidents.Count > MaxIncidents)
            page.Append($"<p>The last {MaxIncidents} of {Figures.Whole(run.Incidents.Count)}; coordinator.jsonl has all.</p>\n");
        page.Append("</section>\n");
    }

    private static string Described(RunRecord record)
    {
        string text = record switch
        {
            { Request: { } request } => $"{request.Request} requested by {request.By}",
            { Notice: { } notice } => notice.Text,
            _ => "",
        };
        return record.Time is { } time ? $"{UtcTime.Readable(time.ToDateTimeOffset())} {record.Host}: {text}" : text;
    }

    private static string Origin(RunFiles run, RunStarted start)
    {
        var attempt = run.State?.Attempts?.FirstOrDefault(attempt => attempt.Number == start.Attempt);
        if (start.Step == 0)
            return "the beginning";
        return attempt is { FromAttempt: > 0 } && attempt.FromStep == start.Step
            ? $"a checkpoint of attempt {attempt.FromAttempt}"
            : "the step before";
    }

    private static string[] Cells(RetrievalRecall recall) =>
        [Figures.Percent(recall.At1), Figures.Percent(recall.At5), Figures.Percent(recall.At10)];
}
