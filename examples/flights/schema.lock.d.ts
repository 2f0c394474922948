// Written by `millwright check` from schema.lock.json; do not edit.
export {};
declare module "millwright" {
  interface Sources {
    gates: {
      events: {
        time: "timestamp";
        airport: "text";
        event: "text";
        tailnum: "text";
        flight: "text";
        scheduled: "timestamp";
      };
    };
    ops: {
      airlines: {
        carrier: "text";
        name: "text";
      };
      airports: {
        faa: "text";
        name: "text";
        lat: "double";
        lon: "double";
        alt: "integer";
        tz: "integer";
        dst: "text";
        tzone: "text";
      };
      flights: {
        id: "bigint";
        year: "integer";
        month: "integer";
        day: "integer";
        dep_time: "integer";
        sched_dep_time: "integer";
        dep_delay: "double";
        arr_time: "integer";
        sched_arr_time: "integer";
        arr_delay: "double";
        carrier: "text";
        flight: "integer";
        tailnum: "text";
        origin: "text";
        dest: "text";
        air_time: "double";
        distance: "double";
        hour: "integer";
        minute: "integer";
        time_hour: "text";
        updated_at: "timestamp";
      };
      planes: {
        tailnum: "text";
        year: "integer";
        type: "text";
        manufacturer: "text";
        model: "text";
        engines: "integer";
        seats: "integer";
        speed: "integer";
        engine: "text";
      };
    };
    weather: {
      weather: {
        origin: "text";
        time_hour: "timestamp";
        temp: "double";
        dewp: "double";
        humid: "double";
        wind_dir: "double";
        wind_speed: "double";
        wind_gust: "double";
        precip: "double";
        pressure: "double";
        visib: "double";
      };
    };
  }
}
