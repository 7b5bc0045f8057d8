-- What wrk sends: the file named in NB_BODY, as NB_TYPE. Its last line is for load.py.
local file = assert(io.open(os.getenv("NB_BODY"), "rb"))
wrk.method = "POST"
wrk.body = file:read("*a")
wrk.headers["Content-Type"] = os.getenv("NB_TYPE")
file:close()

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("nb %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        errors.status + errors.connect + errors.read + errors.write))
end
