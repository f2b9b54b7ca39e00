using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Settings;
using Grpc.Core;
using FromHost = ClipDistributed.Contracts.Host.V1.ConnectRequest;
using FromReplica = ClipDistributed.Contracts.Replica.V1.ConnectRequest;
using Kind = ClipDistributed.Contracts.Replica.V1.ConnectRequest.MessageOneofCase;

namespace ClipDistributed.Coordinator.Links;

/// <summary>Validates the messages of hosts and replicas: their values and sizes.</summary>
internal sealed class MessageCheck(CoordinatorLimits limits)
{
    private const int SecretBytes = 32;
    private const int MaxGraceSeconds = 86_400;

    /// <exception cref="RequestRefusedException">The offer cannot be used.</exception>
    public void Run(Offer offer)
    {
        if (offer.Host == "")
            throw Wrong("The host has no name; start it with --name.");
        Name("name", offer.Host);
        Name("version", offer.Version);
        if (offer.Devices.Count > limits.DevicesPerHost)
            throw Wrong($"The host offers {Counted.Plain(offer.Devices.Count, "device")}; at most {limits.DevicesPerHost} are accepted.");
        if (offer.ReplicaIds.Count > limits.DevicesPerHost)
            throw Wrong($"The host has {Counted.Plain(offer.ReplicaIds.Count, "replica")}; at most {limits.DevicesPerHost} are accepted.");
        if (offer.Secret.Length != SecretBytes)
            throw Wrong($"The host sends a secret of {Counted.Plain(offer.Secret.Length, "byte")}; use {SecretBytes}.");
        NotNegative("memory_bytes", offer.MemoryBytes);
        Run(offer.Drain);
        foreach (var device in offer.Devices)
        {
            if (device.Kind is not (DeviceKind.Cpu or DeviceKind.Cuda))
                throw Wrong($"A device has kind {(int)device.Kind}; use CPU or CUDA.");
            NotNegative("A device's index", device.Index);
            NotNegative("A device's threads", device.Threads);
            Name("A device's name", device.Name);
            Name("A device's uuid", device.Uuid);
            NotNegative("A device's memory_bytes", device.MemoryBytes);
        }
        if (offer.Devices.DistinctBy(device => (device.Kind, device.Index)).Count() < offer.Devices.Count)
            throw Wrong("The host offers a device twice.");
    }

    /// <exception cref="RequestRefusedException">A value is out of range.</exception>
    public void Run(FromHost message)
    {
        Run(message.Drain);
        if (message.ReplicaExited is { } exited)
        {
            NotNegative("exit_code", exited.ExitCode);
            NotNegative("rows_begun", exited.RowsBegun);
            exited.Text = Cut(exited.Text);
        }
        if (message.LogLine is { } line)
            line.Text = Cut(line.Text);
        if (message.Heartbeat is { } heartbeat)
            Run(heartbeat);
        if (message.ModelAnswer is { } answer)
            Run(answer);
    }

    /// <exception cref="RequestRefusedException">A value is out of range.</exception>
    public void Run(Hello hello)
    {
        AppliedStep(hello.AppliedStep);
        NotNegative("resident_bytes", hello.ResidentBytes);
        NotNegative("generation", hello.Generation);
        NotNegative("assigned_step", hello.AssignedStep);
        Name("data_address", hello.DataAddress);
    }

    /// <summary>A record that is too large is replaced by a notice, so that the replica can drop it.</summary>
    /// <exception cref="RequestRefusedException">A value is out of range.</exception>
    public void Run(FromReplica message)
    {
        switch (message.MessageCase)
        {
            case Kind.Progress:
                Run(message.Progress);
                break;
            case Kind.Record when message.Record.CalculateSize() > limits.RecordBytes:
                message.Record.Record = NoticeRecord.Of(0, TooLarge(message.Record));
                break;
            case Kind.Failure:
                AppliedStep(message.Failure.AppliedStep);
                for (int i = 0; i < message.Failure.Errors.Count; i++)
                    message.Failure.Errors[i] = Cut(message.Failure.Errors[i]);
                break;
            case Kind.Ended:
                AppliedStep(message.Ended.AppliedStep);
                break;
        }
    }

    private static void Run(Progress progress)
    {
        if (progress.WaitedFor.Count > Protocol.MaxPeerWaits)
            throw Wrong($"waited_for has {Counted.Of(progress.WaitedFor.Count, "entry", "entries")}; use at most {Protocol.MaxPeerWaits}.");
        foreach (var wait in progress.WaitedFor)
        {
            NotNegative("waited_for.rank", wait.Rank);
            Seconds("waited_for.seconds", wait.Seconds);
        }
        AppliedStep(progress.AppliedStep);
        NotNegative("step", progress.Step);
        NotNegative("resident_bytes", progress.ResidentBytes);
        Seconds("busy_seconds", progress.BusySeconds);
        Seconds("wait_seconds", progress.WaitSeconds);
    }

    private void Run(Heartbeat heartbeat)
    {
        if (heartbeat.Devices.Count > limits.DevicesPerHost)
            throw Wrong(
                $"A heartbeat describes {Counted.Plain(heartbeat.Devices.Count, "device")}; at most {limits.DevicesPerHost} are accepted.");
        if (heartbeat.Devices.DistinctBy(device => (device.Kind, device.Index)).Count() < heartbeat.Devices.Count)
            throw Wrong("A heartbeat describes a device twice.");
        foreach (var device in heartbeat.Devices)
        {
            NotNegative("A device's free_memory_bytes", device.FreeMemoryBytes);
            if (!(device.Utilisation is >= 0 and <= 1))
                throw Wrong($"A device's utilisation is {device.Utilisation}; use 0 to 1.");
            device.Fault = Cut(device.Fault);
        }
    }

    private void Run(ModelAnswer answer)
    {
        Few("rankings", answer.Rankings.Count);
        Few("errors", answer.Errors.Count);
        answer.Failure = Cut(answer.Failure);
        for (int i = 0; i < answer.Errors.Count; i++)
            answer.Errors[i] = Cut(answer.Errors[i]);
        foreach (var ranking in answer.Rankings)
        {
            Few("answers", ranking.Answers.Count);
            ranking.Caption = Cut(ranking.Caption);
            foreach (var one in ranking.Answers)
                one.Text = Cut(one.Text);
        }
    }

    private void Few(string what, int count)
    {
        if (count > limits.QuestionCaptions)
            throw Wrong($"An answer has {count} {what}; use at most {limits.QuestionCaptions}.");
    }

    private static void Run(Drain? drain)
    {
        if (drain is { GraceSeconds: > MaxGraceSeconds })
            throw Wrong($"grace_seconds is {drain.GraceSeconds}; use at most {MaxGraceSeconds}, a day.");
    }

    private string TooLarge(NumberedRecord record) =>
        $"A record of {Counted.Of(record.CalculateSize(), "byte")} was left out here, where at most "
        + $"{limits.RecordBytes:N0} are kept; the run directory has it.";

    private string Cut(string text) => Excerpt.Of(text, limits.TextLength);

    private void Name(string what, string text)
    {
        if (text.Length > limits.NameLength)
            throw Wrong($"{what} has {Counted.Plain(text.Length, "character")}; use at most {limits.NameLength}.");
        if (ControlText.Find(text) is { } found)
            throw Wrong($"{what} has the control or formatting character {found}; delete it.");
    }

    private static void AppliedStep(long step)
    {
        if (step < -1)
            throw Wrong($"applied_step is {step}; use -1 (no state) or more.");
    }

    private static void NotNegative(string what, long value)
    {
        if (value < 0)
            throw Wrong($"{what} is {value}; use 0 or more.");
    }

    private static void Seconds(string what, double value)
    {
        if (!(value >= 0 && double.IsFinite(value)))
            throw Wrong($"{what} is {value}; use 0 or more.");
    }

    private static RequestRefusedException Wrong(string text) => new(StatusCode.InvalidArgument, text);
}
